import { Agent } from 'node:http';

/** An agent that connects to a unix socket, wherever its requests say they go. */
export function socketAgent(socketPath: string): Agent {
  // an option of every connection, that the type of agents lacks
  return new Agent({ keepAlive: true, maxSockets: 64, ...{ socketPath } });
}
