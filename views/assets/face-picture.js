// Makes the picture here, with the camera of this device, or makes the chosen one smaller before it leaves. Without this the file
// goes as it is.
const LONGEST = 1280;
const form = document.getElementById('face-form');
const file = document.getElementById('picture');
const box = document.getElementById('camera');
const view = document.getElementById('camera-view');
const canvas = document.getElementById('camera-picture');
const open = document.getElementById('camera-open');
const state = document.getElementById('camera-state');

/** Draws a picture of this size onto the canvas, upright, and puts it into the form. */
async function put(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d').drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  const files = new DataTransfer();
  files.items.add(new File([blob], 'picture.jpg', { type: 'image/jpeg' }));
  file.files = files.files;
  state.textContent = state.dataset.taken;
}

let stream;
const close = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  view.hidden = true;
};

if (navigator.mediaDevices?.getUserMedia) {
  open.hidden = false;
  open.addEventListener('click', async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' }, audio: false });
    } catch {
      state.textContent = state.dataset.refused;
      return;
    }
    view.srcObject = stream;
    box.hidden = false;
    view.hidden = false;
    canvas.hidden = true;
    await view.play();
    document.getElementById('camera-take').focus();
  });
  document.getElementById('camera-take').addEventListener('click', async () => {
    if (!stream) return open.click();
    await put(view, view.videoWidth, view.videoHeight);
    canvas.hidden = false;
    close();
  });
  window.addEventListener('pagehide', close);
}

file.addEventListener('change', async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  try {
    const picture = await createImageBitmap(chosen, { imageOrientation: 'from-image' });
    await put(picture, picture.width, picture.height);
  } catch {
    // What this browser cannot read the server will say so of.
  }
});
// Nothing is left on the screen of a telephone that others share.
form.addEventListener('submit', close);
