/** Entry of the browser side: loads the half that the address asks for, and only that. */
import '@fontsource-variable/noto-sans-sc/wght.css';
import './theme/tokens.css';
import { startLanguages } from './i18n/index.ts';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('main: index.html has no #root');
  await startLanguages();
  if (location.pathname === '/wall' || location.pathname.startsWith('/wall/')) {
    const { startWall } = await import('./wall/boot.tsx');
    startWall(root);
  } else {
    const { startConsole } = await import('./console/boot.tsx');
    startConsole(root);
  }
}

void start();
