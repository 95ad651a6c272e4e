/**
 * Catches what a page throws, among it code that could not be fetched, and shows something instead of
 * nothing. React knows error boundaries as classes only.
 */
import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  /** The error is forgotten when this changes: another page is another try. */
  readonly place: string;
  readonly fallback: (error: unknown, retry: () => void) => ReactNode;
  readonly children: ReactNode;
}

interface State {
  readonly failed: { readonly error: unknown } | null;
  readonly place: string;
}

export class Boundary extends Component<Props, State> {
  override state: State = { failed: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failed: { error } };
  }

  static getDerivedStateFromProps(props: Props, state: State): State | null {
    return props.place === state.place ? null : { failed: null, place: props.place };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error('page failed', error, info.componentStack);
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    return this.props.fallback(failed.error, () => this.setState({ failed: null }));
  }
}
