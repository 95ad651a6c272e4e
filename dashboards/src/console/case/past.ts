import { createContext } from 'react';

/** The instant whose belief is shown, null for now: there no countdown runs on. */
export const Past = createContext<number | null>(null);
