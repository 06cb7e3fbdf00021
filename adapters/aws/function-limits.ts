import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  ResourceNotFoundException,
  type LambdaClient,
} from '@aws-sdk/client-lambda';

/** How many functions may run at once, and what calls them. */
export class FunctionLimits {
  constructor(private readonly client: LambdaClient) {}

  /** What the account has for functions without a reservation. */
  public async unreserved(): Promise<number> {
    const { AccountLimit } = await this.client.send(new GetAccountSettingsCommand({}));
    return AccountLimit!.UnreservedConcurrentExecutions!;
  }

  /** The state of a function, undefined where it is gone, and what is reserved for it. */
  public async functionState(FunctionName: string): Promise<{ state?: string; reserved?: number }> {
    try {
      const { Configuration, Concurrency } = await this.client.send(new GetFunctionCommand({ FunctionName }));
      const { State: state } = Configuration!;
      const { ReservedConcurrentExecutions: reserved } = Concurrency ?? {};
      return { state, reserved };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return {};
      throw error;
    }
  }

  /** The state of an event source; undefined where it is gone. */
  public async eventSource(id: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new GetEventSourceMappingCommand({ UUID: id }))).State;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
