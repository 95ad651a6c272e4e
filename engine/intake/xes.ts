/**
 * XES (IEEE 1849) event logs as a stream of traces.
 *
 * Owns: the XML form of XES and its strictness.
 * Does not own: what an attribute means (mapping.ts), files and encodings (import-text.ts).
 *
 * Invariants
 * X1  Memory holds one trace: attributes of a trace may follow its events, so a trace leaves whole.
 * X2  `global` defaults, extensions, classifiers and attributes of the log are not values of anybody.
 * X3  No DOCTYPE, no entities beyond XML's own five, bounded depth, tags and texts.
 * X4  An element XES does not know stops the import: reading past it would lose something silently.
 */
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { importLimits } from '../config/limits.ts';
import { ImportError } from './import-error.ts';

export interface XesAttribute {
  readonly key: string;
  /** `string date int float boolean id list container`, or `values` for what a list holds. */
  readonly type: string;
  readonly value: string;
  readonly children: readonly XesAttribute[];
}

export interface XesEvent {
  readonly attributes: readonly XesAttribute[];
  readonly line: number;
}

export interface XesTrace {
  readonly attributes: readonly XesAttribute[];
  readonly events: readonly XesEvent[];
  readonly line: number;
}

interface OpenAttribute extends XesAttribute {
  readonly children: OpenAttribute[];
}

const NAMESPACES: readonly string[] = [
  'http://www.xes-standard.org/',
  'http://www.xes-standard.org',
];
const VALUE_TYPES: ReadonlySet<string> = new Set([
  'string',
  'date',
  'int',
  'float',
  'boolean',
  'id',
]);
const GROUP_TYPES: ReadonlySet<string> = new Set(['list', 'container']);
/** Parts of a log that hold no value of a trace or event (X2). */
const LOG_PARTS: ReadonlySet<string> = new Set(['extension', 'global', 'classifier']);
const NO_CHILDREN: OpenAttribute[] = [];

export class XesParser {
  readonly #sax = new SaxesParser();
  #depth = 0;
  #sawRoot = false;
  /** Characters fed since the last tag or comment ended. */
  #pending = 0;
  #pendingLine = 1;
  #tagAttributes = 0;
  /** Depth of the element whose subtree is passed over; 0 when none is. */
  #skipFrom = 0;
  /** Attributes of the open trace and event, and the open attributes below them. */
  #trace: { attributes: OpenAttribute[]; events: XesEvent[]; line: number } | null = null;
  #event: { attributes: OpenAttribute[]; line: number } | null = null;
  #nested: OpenAttribute[] = [];
  #done: XesTrace[] = [];

  constructor() {
    const sax = this.#sax;
    sax.on('error', (error) => {
      throw this.#syntax(error.message);
    });
    sax.on('doctype', () => {
      throw new ImportError('XML_DOCTYPE_FORBIDDEN', { line: sax.line });
    });
    sax.on('attribute', () => {
      this.#tagAttributes++;
      if (this.#tagAttributes > importLimits.xmlAttributesMax) {
        const limit = importLimits.xmlAttributesMax;
        throw new ImportError('XML_TOO_MANY_ATTRIBUTES', { line: sax.line, limit });
      }
    });
    sax.on('comment', () => this.#progress());
    sax.on('opentag', (tag) => this.#open(tag));
    sax.on('closetag', (tag) => this.#close(tag));
  }

  /** Feeds text; returns the traces that became whole. */
  push(text: string): readonly XesTrace[] {
    this.#done = [];
    this.#pending += text.length;
    this.#sax.write(text);
    if (this.#pending > importLimits.xmlTokenCharsMax) {
      const limit = importLimits.xmlTokenCharsMax;
      throw new ImportError('XML_TOKEN_TOO_LONG', { line: this.#pendingLine, limit });
    }
    return this.#done;
  }

  /** Checks that the document is whole. */
  end(): void {
    this.#sax.close();
  }

  #syntax(message: string): ImportError {
    // saxes prefixes its messages with line:column; the catalogue text names them itself.
    const reason = message.replace(/^\d+:\d+: /, '');
    return new ImportError('XML_SYNTAX', {
      line: this.#sax.line,
      column: this.#sax.column,
      reason,
    });
  }

  #progress(): void {
    this.#pending = 0;
    this.#pendingLine = this.#sax.line;
    this.#tagAttributes = 0;
  }

  #open(tag: SaxesTagPlain): void {
    this.#progress();
    this.#depth++;
    if (this.#depth > importLimits.xmlDepthMax) {
      const limit = importLimits.xmlDepthMax;
      throw new ImportError('XML_TOO_DEEP', { line: this.#sax.line, limit });
    }
    if (this.#skipFrom > 0) return;
    if (!this.#sawRoot) this.#root(tag);
    else if (this.#trace === null && this.#event === null) this.#inLog(tag);
    else this.#inTrace(tag);
  }

  #root(tag: SaxesTagPlain): void {
    this.#sawRoot = true;
    if (tag.name !== 'log') throw new ImportError('XES_ROOT', { found: tag.name });
    const namespace = tag.attributes.xmlns;
    if (namespace !== undefined && !NAMESPACES.includes(namespace)) {
      throw new ImportError('XML_NAMESPACE', {
        line: this.#sax.line,
        found: namespace,
        expected: NAMESPACES[0] as string,
      });
    }
  }

  #inLog(tag: SaxesTagPlain): void {
    if (tag.name === 'trace') {
      this.#trace = { attributes: [], events: [], line: this.#sax.line };
    } else if (tag.name === 'event') {
      this.#event = { attributes: [], line: this.#sax.line };
    } else if (LOG_PARTS.has(tag.name) || isAttribute(tag.name)) {
      this.#skipFrom = this.#depth;
    } else {
      throw this.#unknown(tag.name, 'log');
    }
  }

  #inTrace(tag: SaxesTagPlain): void {
    if (this.#nested.length > 0 || isAttribute(tag.name)) {
      this.#openAttribute(tag);
    } else if (tag.name === 'event' && this.#event === null) {
      this.#event = { attributes: [], line: this.#sax.line };
    } else {
      throw this.#unknown(tag.name, this.#event === null ? 'trace' : 'event');
    }
  }

  #openAttribute(tag: SaxesTagPlain): void {
    const parent = this.#nested.at(-1);
    const isValues = tag.name === 'values' && parent?.type === 'list';
    if (!isValues && !isAttribute(tag.name)) {
      throw this.#unknown(tag.name, parent?.type ?? 'event');
    }
    const key = isValues ? 'values' : tag.attributes.key;
    const value = VALUE_TYPES.has(tag.name) ? tag.attributes.value : '';
    if (key === undefined || value === undefined) {
      const missing = key === undefined ? 'key' : 'value';
      throw new ImportError('XES_ATTRIBUTE', { line: this.#sax.line, type: tag.name, missing });
    }
    const attribute = { key, type: tag.name, value, children: NO_CHILDREN };
    const siblings = parent?.children ?? this.#event?.attributes ?? this.#trace?.attributes;
    const open = { ...attribute, children: tag.isSelfClosing ? NO_CHILDREN : [] };
    siblings?.push(open);
    this.#nested.push(open);
  }

  #close(tag: SaxesTagPlain): void {
    this.#progress();
    if (this.#skipFrom > 0) {
      if (this.#skipFrom === this.#depth) this.#skipFrom = 0;
    } else if (this.#nested.length > 0) {
      this.#nested.pop();
    } else if (tag.name === 'event' && this.#event !== null) {
      this.#closeEvent(this.#event);
    } else if (tag.name === 'trace' && this.#trace !== null) {
      this.#done.push(this.#trace);
      this.#trace = null;
    }
    this.#depth--;
  }

  #closeEvent(event: XesEvent): void {
    this.#event = null;
    const trace = this.#trace;
    if (trace === null) {
      // XES allows events outside of traces (a stream); each is a trace of its own here.
      this.#done.push({ attributes: [], events: [event], line: event.line });
      return;
    }
    trace.events.push(event);
    if (trace.events.length > importLimits.eventsPerTraceMax) {
      const limit = importLimits.eventsPerTraceMax;
      throw new ImportError('XES_TRACE_TOO_LONG', { line: trace.line, limit });
    }
  }

  #unknown(found: string, parent: string): ImportError {
    return new ImportError('XES_ELEMENT', { line: this.#sax.line, parent, found });
  }
}

function isAttribute(name: string): boolean {
  return VALUE_TYPES.has(name) || GROUP_TYPES.has(name);
}

/** Traces of a document given as text chunks, in the order of the file. */
export async function* readXes(chunks: AsyncIterable<string>): AsyncGenerator<XesTrace> {
  const parser = new XesParser();
  for await (const chunk of chunks) yield* parser.push(chunk);
  parser.end();
}
