import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NotificationChannel } from '../../ports/notification-channel';

/** Appends notifications to a file, one JSON document a line. */
export function createFileChannel(file: string): NotificationChannel {
  return {
    async send(notification) {
      await mkdir(path.dirname(file), { recursive: true });
      await appendFile(file, `${JSON.stringify(notification)}\n`);
    },
  };
}
