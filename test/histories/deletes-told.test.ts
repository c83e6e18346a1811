import { playHistories } from './property.js';
import { SUBJECTS } from './subjects.js';

await playHistories(SUBJECTS.filter(({ flagged }) => flagged));
