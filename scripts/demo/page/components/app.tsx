import type { World } from '../../world.ts';
import type { Cast } from '../cast.ts';
import type { Director } from '../director/director.ts';
import { DirectorPanel } from './director-panel.tsx';
import { LogPanel } from './log-panel.tsx';
import { PhoneDevice } from './phone-device.tsx';
import { TopBar } from './top-bar.tsx';

interface Props {
  readonly world: World;
  readonly cast: Cast;
  readonly director: Director;
}

export const App = ({ world, cast, director }: Props) => (
  <>
    <TopBar workspace={world.workspaceName} cast={cast} />
    <main className="stage">
      <PhoneDevice phone={cast.ada} />
      <div className="middle">
        <DirectorPanel director={director} />
        <LogPanel cast={cast} />
      </div>
      <PhoneDevice phone={cast.ben} />
    </main>
  </>
);
