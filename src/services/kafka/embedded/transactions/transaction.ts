import { z } from "zod";

const partitionSchema = z.object({ topic: z.string(), partition: z.number() });

/** What is stored of a transactional id: who may use it now, and the state of its transaction (KIP-98). */
export const transactionSchema = z.object({
  producerId: z.number(),
  epoch: z.number(),
  timeoutMs: z.number(),
  state: z.enum(["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"]),
  /** Milliseconds; of the transaction that is open. */
  startedAt: z.number(),
  partitions: z.array(partitionSchema),
  groups: z.array(z.string()),
  /** Offsets that its commit will store. */
  offsets: z.array(
    partitionSchema.extend({
      group: z.string(),
      offset: z.number(),
      leaderEpoch: z.number(),
      metadata: z.string(),
    }),
  ),
});

export type Transaction = z.infer<typeof transactionSchema>;
export type TransactionOffset = Transaction["offsets"][number];
export type TopicPartition = z.infer<typeof partitionSchema>;

/** Two short of the largest, so that one more can fence the last producer. */
export const LAST_EPOCH = 32_767 - 2;
