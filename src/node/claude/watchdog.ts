import { spawn, type ChildProcess } from 'node:child_process';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';

/**
 * The watchdog's program, a constant. It reads `+<pid>` and `-<pid>`; when its input ends, this process is gone, and what is still on
 * its list is terminated, then killed, each with its process group and all of its descendants. It ignores signals that
 * are meant for a whole group. `/proc` is read where it exists, since small systems have no `ps`.
 */
const script = `
trap '' HUP INT TERM
pids=' '
while read -r line; do
  case $line in
    +*) pids="$pids\${line#+} " ;;
    -*) pids="\${pids%% \${line#-} *} \${pids#* \${line#-} }" ;;
  esac
done
[ "$pids" = ' ' ] && exit 0
table() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { read -r line <"$file"; } 2>/dev/null || continue
      set -- \${line##*) }
      echo "\${line%% *} $2 $3"
    done
  else
    ps -A -o pid= -o ppid= -o pgid=
  fi
}
family() {
  list=$(table)
  before=
  while [ "$before" != "$pids" ]; do
    before=$pids
    while read -r pid parent group; do
      case $pids in *" $pid "*) continue ;; esac
      case $pids in *" $parent "* | *" $group "*) pids="$pids$pid " ;; esac
    done <<END
$list
END
  done
}
family
kill -TERM $pids
sleep 1
family
kill -KILL $pids
`;

/**
 * Ends programs when this process is killed and can no longer do it itself: with pipes a program would work on until it next
 * looks at its input. A tiny shell of its own session lives as long as there is a program to watch. POSIX only; on Windows
 * Node ties its children to its own life.
 */
export class Watchdog implements Disposable {
  readonly #logger: Logger;
  readonly #pids = new Set<number>();
  #shell: ChildProcess | undefined;

  /** @param logger told when there can be no watchdog */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The number of the watchdog's own process, or undefined while it has none. */
  get pid(): number | undefined {
    return this.#shell?.pid;
  }

  /**
   * Watches a program until the result is disposed.
   * @param pid the leader of a process group
   */
  watch(pid: number): Disposable {
    this.#pids.add(pid);
    if (this.#shell) this.#tell(`+${pid}`);
    else this.#start();
    return toDisposable(() => {
      this.#pids.delete(pid);
      this.#tell(`-${pid}`);
      if (this.#pids.size > 0) return;
      this.#shell?.stdin?.end();
      this.#shell = undefined;
    });
  }

  /** Ends what is still watched, as if this process had been killed. */
  dispose(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
    this.#pids.clear();
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', script], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin:/usr/local/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      // A session of its own: what ends this process's group does not end it.
      detached: true,
    });
    this.#shell = shell;
    const lost = (error: unknown): void => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      this.#logger.warn(`The watchdog ended; without it programs may outlive a killed editor: ${String(error)}`);
    };
    shell.once('error', lost);
    shell.stdin.on('error', lost);
    shell.once('exit', (code, signal) => lost(signal ?? code));
    // It must not keep this process alive.
    shell.unref();
    for (const pid of this.#pids) this.#tell(`+${pid}`);
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
