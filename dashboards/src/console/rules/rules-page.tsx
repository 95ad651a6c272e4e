/** Rules in force (监察规则), read-only: what each says, what it raised, and its JSON. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleView } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { usePack } from '../../shared/pack.tsx';
import { Choice } from '../choice.tsx';
import { Json } from '../json.tsx';
import { Sheet } from '../sheet.tsx';
import { Empty, Failure, Loading } from '../states.tsx';
import { useTitle } from '../use-title.ts';
import { CalendarNotices } from './calendar-notices.tsx';
import { useRules } from './use-rules.ts';

const KINDS = ['all', 'clock', 'check', 'sequence', 'cardClock'] as const;
type Kind = (typeof KINDS)[number];

export function useCategoryName(): (category: string) => string {
  const { t, i18n } = useTranslation();
  return (category) => {
    const key = `category.${category}`;
    return i18n.exists(key) ? t(key as 'category.deadline') : category;
  };
}

/** Which version is or was in force when; nothing for a rule with one version that always is. */
function RuleValidity({ rule }: { readonly rule: RuleView }) {
  const { t } = useTranslation();
  const dated = rule.versions.filter((one) => one.validFrom !== null || one.validTo !== null);
  return dated.map(({ version, validFrom, validTo }) => (
    <span className="quiet rule-validity" key={version}>
      {t('rules.validity', {
        version,
        from: validFrom === null ? t('rules.always') : minuteOf(validFrom),
        to: validTo === null ? '' : minuteOf(validTo),
      })}
    </span>
  ));
}

/** The instant as the pack writes it, in the zone of its calendar, to the minute. */
function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}

function RuleRow({ rule, onOpen }: { readonly rule: RuleView; readonly onOpen: () => void }) {
  const { t } = useTranslation();
  const label = useLabel();
  const category = useCategoryName();
  return (
    <tr>
      <th scope="row">
        <button type="button" className="link rule-name" onClick={onOpen}>
          {label(rule.name)}
        </button>
        <span className="quiet num">{rule.id}</span>
      </th>
      <td>{t(`ruleKind.${rule.kind}`)}</td>
      <td>{category(rule.category)}</td>
      <td>
        <span className="rule-levels">
          {rule.levels.map((code) => (
            <LevelChip key={code} code={code} />
          ))}
        </span>
      </td>
      <td className="rule-basis">{rule.basis}</td>
      <td className="num right">
        {rule.version}
        <RuleValidity rule={rule} />
      </td>
      <td className="num right">{rule.open}</td>
      <td className="num right">{rule.raised}</td>
    </tr>
  );
}

function RuleTable({
  rules,
  onOpen,
}: {
  readonly rules: readonly RuleView[];
  readonly onOpen: (rule: RuleView) => void;
}) {
  const { t } = useTranslation();
  const columns = ['name', 'kind', 'category', 'levels', 'basis'] as const;
  const figures = ['version', 'open', 'raised'] as const;
  return (
    <div className="scroll-x">
      <table className="plain rules">
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column}>
                {t(`rules.${column}`)}
              </th>
            ))}
            {figures.map((column) => (
              <th scope="col" key={column} className="right">
                {t(`rules.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} onOpen={() => onOpen(rule)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function RulesPage() {
  const { t } = useTranslation();
  useTitle(t('nav.rules'));
  const label = useLabel();
  const pack = usePack();
  const rules = useRules();
  const [kind, setKind] = useState<Kind>('all');
  const [open, setOpen] = useState<RuleView | null>(null);
  const all = rules.data?.rules ?? [];
  const shown = all.filter((rule) => kind === 'all' || rule.kind === kind);
  return (
    <main className="page">
      <header className="page-head">
        <div>
          <h1>{t('nav.rules')}</h1>
          <p className="quiet num">
            {t('rules.pack', { id: pack.id, version: pack.version, hash: pack.hash.slice(0, 12) })}
          </p>
        </div>
        <Choice<Kind>
          label={t('rules.kind')}
          value={kind}
          options={KINDS.map((value) => ({
            value,
            label: value === 'all' ? t('rules.all', { count: all.length }) : t(`ruleKind.${value}`),
          }))}
          onChange={setKind}
        />
      </header>
      <section className="sheet">
        {rules.isPending && <Loading />}
        {rules.isError && <Failure error={rules.error} onRetry={() => rules.refetch()} />}
        {rules.data !== undefined && shown.length === 0 && <Empty title={t('rules.none')} />}
        {shown.length > 0 && <RuleTable rules={shown} onOpen={setOpen} />}
      </section>
      <CalendarNotices />
      <Sheet
        open={open !== null}
        place="right"
        title={open === null ? '' : `${label(open.name)} · ${open.id}`}
        onClose={() => setOpen(null)}
      >
        {open !== null &&
          (open.source === undefined ? (
            <Empty title={t('rules.noSource')} />
          ) : (
            <Json value={open.source} />
          ))}
      </Sheet>
    </main>
  );
}
