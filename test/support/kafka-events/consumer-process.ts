/** The Kafka part as a process of its own that can be killed. Argument: its place as JSON. SIGTERM ends it in good order. */
import { startKafkaService, type KafkaServicePlace } from './service';

async function main([place = '']: readonly string[]): Promise<void> {
  const service = await startKafkaService(JSON.parse(place) as KafkaServicePlace);
  process.once('SIGTERM', () => void service.stop().then(() => process.exit(0)));
  process.stdout.write('serving\n');
}

void main(process.argv.slice(2));
