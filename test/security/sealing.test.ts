import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer } from '../../src/security/sealing.js';

const sealer = createSealer('client secret', 'ion token');

describe('a sealed text', () => {
  it('is opened as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, place) => {
        for (const whole of [text, `${text}ü€😀`]) {
          expect(sealer.open(sealer.seal(whole, place), place)).toBe(whole);
        }
      }),
    );
  });

  it('shows nothing of the text, and is another one each time', () => {
    const [one, other] = [sealer.seal('eyJhbGciOi', 'a'), sealer.seal('eyJhbGciOi', 'a')];
    expect(one).not.toBe(other);
    expect(Buffer.from(one, 'base64').toString('latin1')).not.toContain('eyJhbGciOi');
  });

  it.each([
    ['of another secret', createSealer('another secret', 'ion token').seal('text', 'here')],
    ['for another purpose', createSealer('client secret', 'other').seal('text', 'here')],
    ['for another place', sealer.seal('text', 'there')],
    ['that is none', 'not sealed'],
    ['that is empty', ''],
    ['that is as long as IV and tag', Buffer.alloc(28).toString('base64')],
  ])('%s is not opened', (_, sealed) => {
    expect(sealer.open(sealed, 'here')).toBeUndefined();
  });

  it('is not opened after any one bit was changed', () => {
    const bytes = Buffer.from(sealer.seal('text', 'here'), 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      const at = Math.floor(bit / 8);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit % 8)), at);
      expect(sealer.open(changed.toString('base64'), 'here')).toBeUndefined();
    }
  });
});
