/**
 * What the supervision job gives for so many generated cases: the same cards in Flink, Kafka Streams,
 * plain Java and here. A run that differs is wrong, however fast.
 */
export const JOB_EXPECTED: Readonly<
  Record<number, { readonly cards: number; readonly checksum: string }>
> = {
  2000: { cards: 1_003, checksum: '1068840254697' },
  20000: { cards: 9_836, checksum: '190677571162' },
  100000: { cards: 49_082, checksum: '768276137360' },
  836120: { cards: 407_443, checksum: '894130345693' },
};
