/** The product's mark: a dial in a seal, the same as the page icon. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="1" y="1" width="30" height="30" rx="4.5" className="mark-seal" />
      <circle cx="16" cy="16" r="8.6" className="mark-dial" />
      <path d="M16 10.4V16l3.9 2.5" className="mark-dial" />
    </svg>
  );
}
