/**
 * A base image that images may be built on.
 */
export class BaseImage {
  /**
   * By what the image says of itself, in the label `org.opencontainers.image.base.name`. **This proves
   * nothing**: whoever builds the image writes the label. It finds images that were built on another base by
   * mistake, in a pipeline that labels its images. Docker does not write that label by itself.
   *
   * @param pattern the full name, with its registry. After the first slash `*` stands for any characters
   * except a slash, `**` for any characters. With `@sha256:…` the label
   * `org.opencontainers.image.base.digest` counts too. Case-sensitive
   * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
   */
  public static named(pattern: string): BaseImage {
    return new BaseImage({ name: pattern });
  }

  /**
   * By its layers: the lowest layers of the image are exactly these. This proves that the image is built on
   * them. Layers above may still replace every file. Each release of a base image, and each of its platforms,
   * has layers of its own.
   *
   * @param title the name of the base image in messages, 1 to 200 characters
   * @param diffIds its `rootfs.diff_ids`, the lowest first, 1 to 127; `crane config IMAGE | jq
   * .rootfs.diff_ids` prints them
   */
  public static ofLayers(title: string, diffIds: string[]): BaseImage {
    return new BaseImage({ title, diffIds: [...diffIds] });
  }

  private constructor(private readonly entry: object) {}

  /** @internal */
  public _entry(): object {
    return this.entry;
  }
}
