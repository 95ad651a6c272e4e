/**
 * Every limit of the system in one place (law L4), by subject. Plain numbers; imports nothing.
 * At a limit the engine refuses, counts and says so.
 */

/** Of one event record; the decoder, the door and rules/schema/event.schema.json agree on them. */
export const eventLimits = {
  recordBytesMax: 256 * 1024,
  jsonDepthMax: 32,
  jsonKeysMax: 512,
  /** Characters (Unicode code points) of an identifier: case key, codes. */
  idCharsMax: 64,
  /** Characters of a free text: actor, document number, reason, approver. */
  textCharsMax: 2000,
  /** Codes in `data.materials`. */
  materialsMax: 64,
  /** Days of `data.days`. */
  daysMin: 1,
  daysMax: 1000,
  /** Yuan of `data.amount`. */
  amountYuanMax: 1_000_000_000_000,
  /** Records in one body, and bytes of one body once unpacked. */
  bodyRowsMax: 50_000,
  bodyBytesMax: 16 * 1024 * 1024,
} as const;

/** Of the API: bodies, queries, log-in, sessions and sockets. */
export const apiLimits = {
  /** Ordinary JSON bodies, and a rule pack with its reason. */
  bodyBytesMax: 64 * 1024,
  packBytesMax: 8 * 1024 * 1024,
  /** Event bodies as they travel; once unpacked `eventLimits.bodyBytesMax` holds. */
  eventsBytesMax: 16 * 1024 * 1024,
  /** Event bodies worked on at the same time; beyond it QUEUE_FULL. */
  submitsInFlightMax: 32,
  queryCharsMax: 4096,
  queryParametersMax: 32,
  queryListMax: 32,
  headerBytesMax: 16 * 1024,
  headersMax: 100,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  connectionsMax: 12_000,
  exportRowsMax: 100_000,
  exportPageRows: 500,
  /** Answers kept by command id, so that a repeated click is answered as the first. */
  commandsRememberedMax: 4096,

  passwordCharsMax: 128,
  /** Password hashes computed at once (128 MiB each), and waiting. */
  hashesAtOnceMax: 2,
  hashesWaitingMax: 64,
  failuresPerAccountMax: 5,
  failuresPerAddressMax: 50,
  failureWindowMs: 10 * 60_000,
  failureKeysMax: 20_000,
  sessionIdleMs: 4 * 3_600_000,
  sessionAbsoluteMs: 12 * 3_600_000,
  wallSessionIdleMs: 7 * 86_400_000,
  wallSessionAbsoluteMs: 90 * 86_400_000,
  sessionsPerAccountMax: 50,

  socketsMax: 10_000,
  socketsPerPersonMax: 20,
  socketsPerWallTokenMax: 10_000,
  socketMessageBytesMax: 4096,
  /** A socket that has not said who it is by then is closed. */
  socketConnectTimeoutMs: 5000,
  socketMessagesPerSecondMax: 20,
  frameIntervalMs: 250,
  /** A frame without news is sent this often, so that a silent server is told from a quiet city. */
  frameIdleMs: 5000,
  summaryIntervalMs: 1000,
  framesBufferedMax: 4,
  socketBufferedBytesMax: 1024 * 1024,
  replayCardsMax: 1000,
  /** Distinct scopes with a room; the least recently used empty one makes place. */
  roomsMax: 512,
  revocationCheckMs: 2000,
} as const;

/** Of one imported file (XES or CSV), whose records are sorted before they are submitted. */
export const importLimits = {
  inflatedBytesMax: 64 * 1024 * 1024 * 1024,
  recordsMax: 500_000_000,
  casesMax: 5_000_000,
  /** Of records in memory; beyond it sorted runs go to the folder for temporary files. */
  sortMemoryBytes: 256 * 1024 * 1024,
  /** Records and bytes of one call of `submit`. */
  batchRows: 2_000,
  batchBytes: 4 * 1024 * 1024,
  xmlDepthMax: 32,
  /** XML attributes of one tag, and characters of one tag or text. */
  xmlAttributesMax: 64,
  xmlTokenCharsMax: 4 * 1024 * 1024,
  eventsPerTraceMax: 1_000_000,
  /** Characters of one CSV row. */
  csvRowCharsMax: 4 * 1024 * 1024,
  /** Refused rows listed in the report; all are counted. */
  refusedListMax: 50,
} as const;

/** Of previews of a publication. */
export const previewLimits = {
  /** Runs at a time: each holds a copy of a partition. */
  runningMax: 1,
  /** Finished ones that can still be read. */
  keptMax: 8,
  /** Changes shown of each kind. */
  samples: 20,
  samplesMax: 200,
  /** Days a case may have been closed and still be decided again, unless told otherwise; and the most. */
  closedWindowDays: 365,
  closedWindowDaysMax: 36_500,
} as const;

/** Of the dead man's check: pace, and what it keeps. */
export const auditLimits = {
  /** Engine time between the beginnings of two sweeps, and the least real time between them. */
  sweepEveryMs: 10 * 60_000,
  sweepRestMs: 60_000,
  /** Cases read and judged at a time. */
  partCases: 2_000,
  /** Rest after each part, as a multiple of the time it took. */
  restFactor: 9,
  /** A suspicion is looked at again after this time. */
  secondLookMs: 5_000,
  /** A timer that is due has this much real time to ring while nothing else happens. */
  graceMs: 5_000,
  /** Longest wait for the sink to have what was applied. */
  storedWaitMs: 60_000,
  /** Closed cases are looked at while they changed in this time. */
  recentMs: 30 * 86_400_000,
  /** Cases that are wrong and are listed; sample keys shown of one organ. */
  suspicionsMax: 1_000,
  samplesMax: 5,
} as const;

/** Of the runtime: threads, queues between log, kernel and sink. */
export const runtimeLimits = {
  /** Records one kernel call takes; a larger group is applied in pieces. */
  batchRecords: 4096,
  tickMs: 250,
  checkpointMs: 60_000,
  /** Effects on their way to the sink; beyond it intake answers QUEUE_FULL until it has caught up. */
  unsunkBytesMax: 256 * 1024 * 1024,
  /** A failed sink write is tried again after these waits, the last one repeating. */
  sinkRetryMs: [200, 1000, 5000, 15_000],
  /** Records gone through again for one case as it was believed, and such questions at once. */
  lookBackRecordsMax: 4096,
  lookBacksAtOnceMax: 4,
  /** Programs of earlier packs kept compiled for them, by partition. */
  lookBackProgramsMax: 8,
  /** Newest card changes kept for screens that come back. */
  latestCards: 40,
} as const;
