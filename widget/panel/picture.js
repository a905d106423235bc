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
const named = (name) =>
  name === "image.png" ? `${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}.png` : name;

export async function madeReady(given) {
  const file = new File([given], named(given.name), given);
  if (!/^image\/(?!gif)/.test(file.type) && !/\.hei[cf]$/i.test(file.name)) return { file };
  try {
    const blob = await drawnAgain(file);
    return { file: new File([blob], file.name, { type: blob.type }) };
  } catch {
    return { file, fault: true };
  }
}
