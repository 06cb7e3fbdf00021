/** The value of an environment variable that the template sets. */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set: deploy the function by its construct`);
  }
  return value;
}
