import type { NotificationChannel } from '../../ports/notification-channel';

/** Writes notifications for a person to read: on the worker's standard output unless given another place. */
export function createConsoleChannel(
  write: (text: string) => void = (text) => void process.stdout.write(text),
): NotificationChannel {
  return {
    send({ title, reasons, links, nextCommand }) {
      const lines = [
        `\n▌ ${title}`,
        ...reasons.map((reason) => `▌   ${reason}`),
        ...Object.entries(links).map(([name, address]) => `▌   ${name}: ${address}`),
        `▌   next: ${nextCommand}`,
      ];
      write(`${lines.join('\n')}\n\n`);
      return Promise.resolve();
    },
  };
}
