/** XES reading: what is a value and what is not, any cut of the text, and every refusal. */
import { expect, test } from 'vitest';
import { importLimits } from '../../../engine/config/limits.ts';
import { readXes, type XesTrace } from '../../../engine/intake/xes.ts';
import { chunked, codeOf } from '../../fixtures/import/helpers.ts';

const HEAD = '<?xml version="1.0"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">';

async function traces(text: string, size = 1 << 20): Promise<XesTrace[]> {
  const found: XesTrace[] = [];
  for await (const trace of readXes(chunked(text, size))) found.push(trace);
  return found;
}

const LOG = `${HEAD}
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>
  <global scope="event"><date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <float key="mean" value="4.1"><int key="inner" value="1"/></float>
  <trace>
    <event>
      <string key="concept:name" value="A &amp; B &lt;x&gt; &#x53D1;&#29260;"/>
      <string key="org:resource" value="r1"><string key="role" value="clerk">
        <int key="level" value="3"/></string></string>
    </event>
    <string key="concept:name" value="after its event"/>
    <event/>
    <list key="parts"><values><string key="p" value="1"/><string key="p" value="2"/></values></list>
  </trace>
  <!-- between -->
  <trace/>
  <event><string key="concept:name" value="no trace"/></event>
</log>`;

test('trace attributes may follow events, defaults of the log are nobody’s value', async () => {
  const [first, second, third, ...rest] = await traces(LOG);
  expect(rest).toEqual([]);
  expect(first?.events).toHaveLength(2);
  expect(first?.attributes.map(({ key, value }) => [key, value])).toEqual([
    ['concept:name', 'after its event'],
    ['parts', ''],
  ]);
  expect(first?.events[1]?.attributes).toEqual([]);
  expect(second).toMatchObject({ attributes: [], events: [] });
  expect(third?.events[0]?.attributes[0]?.value).toBe('no trace');
});

test('nested attributes, lists and XML’s own entities are read', async () => {
  const [first] = await traces(LOG);
  const [name, resource] = first?.events[0]?.attributes ?? [];
  expect(name?.value).toBe('A & B <x> 发牌');
  const role = resource?.children[0];
  expect([role?.key, role?.value, role?.children[0]?.value]).toEqual(['role', 'clerk', '3']);
  const list = first?.attributes[1];
  expect(list?.children[0]?.children.map((child) => child.value)).toEqual(['1', '2']);
});

test.for([1, 2, 3, 7, 64, 257])('pieces of %i characters give the same traces', async (size) => {
  expect(await traces(LOG, size)).toEqual(await traces(LOG));
});

const trace = (inside: string) => `${HEAD}<trace>${inside}</trace></log>`;
const deep = importLimits.xmlDepthMax + 1;
const REFUSED: readonly (readonly [string, string, string])[] = [
  ['a DOCTYPE', '<!DOCTYPE log><log/>', 'XML_DOCTYPE_FORBIDDEN'],
  [
    'a billion laughs',
    '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><log>&b;</log>',
    'XML_DOCTYPE_FORBIDDEN',
  ],
  [
    'an outside entity',
    '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]><log>&x;</log>',
    'XML_DOCTYPE_FORBIDDEN',
  ],
  ['an undeclared entity', trace('<string key="a" value="&nbsp;"/>'), 'XML_SYNTAX'],
  ['a tag left open', `${HEAD}<trace>`, 'XML_SYNTAX'],
  ['two roots', '<log/><log/>', 'XML_SYNTAX'],
  ['no XML at all', 'case,activity\n1,A\n', 'XML_SYNTAX'],
  ['another root', '<pnml/>', 'XES_ROOT'],
  ['another namespace', '<log xmlns="http://example.org/other"/>', 'XML_NAMESPACE'],
  ['an unknown element in the log', `${HEAD}<__proto__/></log>`, 'XES_ELEMENT'],
  ['an unknown element in a trace', trace('<constructor/>'), 'XES_ELEMENT'],
  ['a trace in a trace', trace('<trace/>'), 'XES_ELEMENT'],
  ['an event in an event', trace('<event><event/></event>'), 'XES_ELEMENT'],
  ['values outside a list', trace('<values/>'), 'XES_ELEMENT'],
  ['an attribute without a key', trace('<string value="a"/>'), 'XES_ATTRIBUTE'],
  ['an attribute without a value', trace('<string key="a"/>'), 'XES_ATTRIBUTE'],
  [
    'nesting beyond the limit',
    trace(`${'<list key="a">'.repeat(deep)}${'</list>'.repeat(deep)}`),
    'XML_TOO_DEEP',
  ],
  [
    'nesting beyond the limit where values are passed over',
    `${HEAD}${'<list key="a">'.repeat(deep)}${'</list>'.repeat(deep)}</log>`,
    'XML_TOO_DEEP',
  ],
  [
    'a tag of too many attributes',
    trace(`<string ${Array.from({ length: 70 }, (_, i) => `a${i}=""`).join(' ')}/>`),
    'XML_TOO_MANY_ATTRIBUTES',
  ],
];

test.for(REFUSED)('%s is refused', async ([, text, code]) => {
  expect(await codeOf(traces(text, 16))).toBe(code);
});

test('a tag or text without an end is cut at the limit, not gathered', async () => {
  async function* endless(): AsyncGenerator<string> {
    yield `${HEAD}<trace><string key="a" value="`;
    for (;;) yield 'x'.repeat(65_536);
  }
  const drain = async () => {
    for await (const found of readXes(endless())) expect(found).toBeUndefined();
  };
  expect(await codeOf(drain())).toBe('XML_TOKEN_TOO_LONG');
});
