/** Acknowledge and answer: four categories on four keys, one text, and on to the next card. */
import { Button } from 'antd';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { ANSWER_CATEGORIES, type CardView } from '../../../../api/contract.ts';
import { useLang } from '../../i18n/index.ts';
import { ApiError } from '../../shared/api.ts';
import {
  type AnswerCategory,
  conflictOf,
  type Draft,
  type Handling,
  mayAcknowledge,
} from './use-handling.ts';

/** The contract's own bounds of an answer. */
const TEXT_MIN = 2;
const TEXT_MAX = 2000;

interface CategoriesProps {
  readonly value: AnswerCategory | null;
  readonly onPick: (category: AnswerCategory) => void;
}

function Categories({ value, onPick }: CategoriesProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="categories">
      <legend>{t('handle.category')}</legend>
      {ANSWER_CATEGORIES.map((category, index) => (
        <label key={category} className={value === category ? 'category category-on' : 'category'}>
          <input
            type="radio"
            name="category"
            checked={value === category}
            onChange={() => onPick(category)}
          />
          <span>{t(`answer.${category}`)}</span>
          <kbd>{index + 1}</kbd>
        </label>
      ))}
    </fieldset>
  );
}

/** What stands between the person and the next card: a conflict, or a refusal with its reason. */
function Problem({ card, error }: { readonly card: CardView; readonly error: Error | null }) {
  const { t } = useTranslation();
  const lang = useLang();
  if (error === null) return null;
  if (error instanceof ApiError && error.status === 409) {
    const current = conflictOf(error) ?? card;
    return (
      <div className="notice notice-warn" role="alert" data-testid="conflict">
        <b>{t('handle.conflict')}</b>
        <p>
          {t('handle.conflictNow', {
            actor: current.actor || t('handle.somebody'),
            state: t(`cardState.${current.state}`),
            version: current.version,
          })}
        </p>
        {current.answerText !== null && <blockquote>{current.answerText}</blockquote>}
        <p>{t('handle.conflictKept')}</p>
      </div>
    );
  }
  const known = error instanceof ApiError && error.status !== 0 ? error.text(lang) : '';
  return (
    <div className="notice notice-bad" role="alert">
      {known || t('handle.notSent')}
    </div>
  );
}

interface Props {
  readonly card: CardView;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly handling: Handling;
  readonly textRef: RefObject<HTMLTextAreaElement | null>;
}

export function HandleForm({ card, draft, onDraft, handling, textRef }: Props) {
  const { t } = useTranslation();
  const { acknowledge, answer } = handling;
  const ready = draft.category !== null && draft.text.trim().length >= TEXT_MIN;
  const submit = (): void => {
    if (ready && !answer.isPending) answer.mutate({ card, draft });
  };
  return (
    <form
      className="handle"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
        if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      }}
    >
      <Problem card={card} error={answer.error ?? acknowledge.error} />
      <Categories value={draft.category} onPick={(category) => onDraft({ ...draft, category })} />
      <label className="handle-text">
        <span>{t('handle.text')}</span>
        <textarea
          ref={textRef}
          value={draft.text}
          maxLength={TEXT_MAX}
          rows={3}
          placeholder={t('handle.placeholder')}
          onChange={(event) => onDraft({ ...draft, text: event.target.value })}
        />
      </label>
      <div className="handle-acts">
        <Button type="primary" htmlType="submit" disabled={!ready} loading={answer.isPending}>
          {t('handle.submit')}
        </Button>
        {mayAcknowledge(card) && (
          <Button loading={acknowledge.isPending} onClick={() => acknowledge.mutate(card)}>
            {t('handle.acknowledge')} <kbd>A</kbd>
          </Button>
        )}
        <span className="handle-hint">{t('handle.hint')}</span>
      </div>
    </form>
  );
}
