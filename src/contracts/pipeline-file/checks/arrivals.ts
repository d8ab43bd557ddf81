/** Triggers that bring data say which source gets it. */
import { didYouMean } from '../../file-problems';
import type { PipelineSpec } from '../index';
import type { Refuse } from './context';

/** File and object triggers. */
export function checkArrivals({ triggers, sources }: PipelineSpec, refuse: Refuse): void {
  const names = Object.keys(sources);
  triggers.forEach((trigger, index) => {
    const kind = 'file' in trigger ? 'file' : 'object' in trigger ? 'object' : undefined;
    if (kind === undefined) return;
    const source = 'file' in trigger ? trigger.file.source : 'object' in trigger ? trigger.object.source : '';
    const path = ['triggers', index, kind];
    if (source === undefined && names.length > 1)
      refuse(path, `say which source gets the data: source: ${names.join(' or ')}`);
    else if (source !== undefined && !names.includes(source))
      refuse([...path, 'source'], `there is no source ${source}${didYouMean(source, names)}`);
  });
}
