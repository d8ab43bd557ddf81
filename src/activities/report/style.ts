/** The page's style sheet. */
export const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
.page { max-width: 70rem; margin: 0 auto; padding: 2rem; }
`;
