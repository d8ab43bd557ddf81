/** Health check of a container: asks the health page of its process (or the address that is given), and ends with 1 unless it is well. */
/* global AbortSignal */
const url = process.argv[2] ?? `http://127.0.0.1:${process.env.MILLRACE_HEALTH_PORT}/health`;
const well = await fetch(url, { signal: AbortSignal.timeout(4000) }).then(
  (answer) => answer.ok,
  () => false,
);
process.exitCode = well ? 0 : 1;
