// What leaves the shopper's device of a picture: no larger than is looked at, and nothing of where and by what it was
// taken. Animations stay as they are; what this browser cannot read, nobody here could see.

const LARGEST = 2048;

async function drawnAgain(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: file.type, quality: 0.85 });
}

// Every picture from a clipboard has this name.
export function named(file) {
  if (file.name !== "image.png") return file;
  return new File([file], `${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}.png`, file);
}

// Nothing, when it is a picture that cannot be read.
export async function madeReady(file) {
  const { name, type } = file;
  if (!/^image\/(?!gif)/.test(type) && !/\.hei.$/i.test(name)) return file;
  try {
    const blob = await drawnAgain(file);
    return new File([blob], name, { type: blob.type });
  } catch {
    return null;
  }
}
