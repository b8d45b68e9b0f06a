/**
 * Shows a log as GitHub's page does, in plain text. The function it gives takes a line and returns
 * what is seen of it; `undefined` for a line that is hidden.
 */
export function logRenderer(): (line: string) => string | undefined {
  let indent = '';
  return (line) => {
    const command = /^::([a-z-]+)(?: .*?)?::(.*)$/s.exec(line);
    if (!command) return indent + line;
    const [, name, message = ''] = command;
    const text = decode(message);
    switch (name) {
      case 'group':
        indent = '  ';
        return `▼ ${text}`;
      case 'endgroup':
        indent = '';
        return undefined;
      case 'notice':
        return `ℹ ${text}`;
      case 'warning':
        return `⚠ ${text}`;
      case 'error':
        return `✖ ${text}`;
      default:
        return undefined;
    }
  };
}

const decode = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n  ').replaceAll('%25', '%');
