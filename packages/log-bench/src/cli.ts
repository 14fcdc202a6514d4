#!/usr/bin/env node
/** The command line `brimlog-bench`: reads arguments, calls the command, turns what is thrown into one sentence. */
import { Command, InvalidArgumentError } from 'commander';
import { compareCommand, type CompareOptions } from './commands/compare-command.js';
import { diskCommand, type DiskOptions } from './commands/disk-command.js';
import { docsCommand } from './commands/docs-command.js';
import { installPeersCommand } from './commands/install-peers-command.js';
import { reportCommand } from './commands/report-command.js';
import { runCommand, type RunOptions } from './commands/run-command.js';
import { workloadsCommand } from './commands/workloads-command.js';
import { standardScreen } from './report/terminal.js';
import { ownVersion } from './run/machine.js';

const screen = standardScreen();

function names(list: string): string[] {
  return list.split(',').map((name) => name.trim());
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('It must be a number above 0, at most 1.');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

/** Who reads along may stop reading: that is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('brimlog-bench').version(ownVersion()).description('Measures @brimlog/log-core on this machine, beside what the raw disk can do in the same minute.').showHelpAfterError();

program
  .command('disk')
  .description('what this disk can do: the floor for everything else')
  .option('--dir <directory>', 'where to measure (default: the temporary directory, unless it is in memory)')
  .option('--quick', 'one short round')
  .option('--json <file>', 'write every sample there')
  .action(async (options: DiskOptions) => {
    process.exitCode = await diskCommand(options, screen);
  });

program
  .command('run')
  .description('measure the log, each workload beside its raw floor')
  .option('--quick', 'three short rounds of the main workloads, under three minutes; else every combination, for hours')
  .option('--rounds <count>', 'so many rounds instead: more are surer', count)
  .option('--dir <directory>', 'where to measure (default: the temporary directory, unless it is in memory)')
  .option('--json <file>', 'write machine, versions and every sample there')
  .option('--html <file>', 'write a report with charts there, one file that loads nothing')
  .option('--only <names>', 'some workloads only: names or patterns by commas, such as durable-1,read or durable-*', names)
  .option('--peers', 'measure other stores too, those of them that are installed')
  .option('--peers-from <directory>', 'where they are installed, if not here')
  .option('--no-strace', 'do not count system calls per append, in processes of their own')
  .option('--profile <directory>', 'write CPU profiles there, of rounds of their own, and print what took most')
  .action(async (options: RunOptions) => {
    process.exitCode = await runCommand(options, screen);
  });

program
  .command('report')
  .description('make the report with charts out of a file of run --json')
  .argument('<run>', 'file of run --json')
  .argument('<html>', 'file to write')
  .action(async (path: string, html: string) => {
    await reportCommand(path, html);
  });

program
  .command('docs')
  .description('put the figures of a file of run --json into a Markdown page, between its marks')
  .argument('<run>', 'file of run --json')
  .argument('<page>', 'page to rewrite')
  .action((run: string, page: string) => {
    docsCommand(run, page);
  });

program
  .command('install-peers')
  .description('install the stores that run --peers compares with, for --peers-from')
  .argument('<directory>', 'where to')
  .action((directory: string) => {
    process.exitCode = installPeersCommand(directory);
  });

program
  .command('workloads')
  .description('list the names that run --only takes')
  .action(() => {
    workloadsCommand(screen);
  });

program
  .command('compare')
  .description('compare two files of run --json; exit code 1 on a regression')
  .argument('<before>', 'file of the first run')
  .argument('<after>', 'file of the second run')
  .option('--threshold <ratio>', 'what is a regression', share, 0.9)
  .option('--absolute', 'compare figures instead of their ratios to the raw floor')
  .action((before: string, after: string, options: CompareOptions) => {
    process.exitCode = compareCommand(before, after, options, screen);
  });

try {
  await program.parseAsync();
} catch (thrown) {
  process.stderr.write(`brimlog-bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
