import { createRoot } from 'react-dom/client';
import { WORLD_PATH, type World } from '../world.ts';
import { restOf } from '../rest.ts';
import { assemble } from './cast.ts';
import { App } from './components/app.tsx';
import { Opening } from './components/opening.tsx';
import { createDirector } from './director/director.ts';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/phone.css';
import './styles/records.css';
import './styles/sheet.css';
import './styles/inbox.css';
import './styles/director.css';
import './styles/log.css';

const element = document.getElementById('root');
if (element === null) throw new Error('the page has no root');
const root = createRoot(element);

root.render(<Opening />);
try {
  const world = await restOf('')<World>('GET', WORLD_PATH);
  const cast = await assemble(world);
  root.render(<App world={world} cast={cast} director={createDirector(cast)} />);
} catch (error) {
  root.render(<Opening failure={error instanceof Error ? error.message : String(error)} />);
}
