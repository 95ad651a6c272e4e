import { useTranslation } from 'react-i18next';
import type { DeadLetterPage } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { Empty } from '../states.tsx';

/** Records that no later record can mend, each with its own code and bytes. */
export function DeadLetters({ letters }: { readonly letters: DeadLetterPage['letters'] }) {
  const { t } = useTranslation();
  const dates = useDates();
  if (letters.length === 0) return <Empty title={t('status.noLetters')} />;
  return (
    <ol className="letters">
      {letters.map((letter) => (
        <li key={`${letter.partition} ${letter.position}`}>
          <details>
            <summary>
              <b>{letter.code}</b>
              <span className="num">{dates.exact(letter.stampMs)}</span>
              <span>{letter.source}</span>
              <span className="quiet num">
                {t('status.place', { partition: letter.partition, position: letter.position })}
              </span>
            </summary>
            <pre className="json">{letter.raw}</pre>
          </details>
        </li>
      ))}
    </ol>
  );
}
