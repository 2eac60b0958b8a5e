/** What a header says of an image: pixels, and samples in each. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}
