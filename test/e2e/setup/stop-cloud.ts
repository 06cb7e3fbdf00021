import './start-cloud'; // for the type of what it left

export default async function stopCloudForTests(): Promise<void> {
  await globalThis.embeddedCloud?.stop();
}
