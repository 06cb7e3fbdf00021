import './start-cloud'; // for the type of what it left

export default async function stopCloudsForTests(): Promise<void> {
  await Promise.all((globalThis.embeddedClouds ?? []).map(cloud => cloud.stop()));
}
