// On a machine that is put up for everybody: asks whether somebody is still there, and clears everything if nobody is.

const bar = document.getElementById('kiosk-clear');
const dialog = document.getElementById('kiosk-dialog');
const quietFor = Number(bar.dataset.quiet) * 1000;
const warnFor = Number(bar.dataset.warn) * 1000;
let touched = Date.now();
let kept = Date.now();
// Whoever works in another tab is here: a tab that they have forgotten clears nothing under their hands.
const tabs = new BroadcastChannel('senid-kiosk');

function stay() {
  seen();
  tabs.postMessage('here');
  // The server counts too: whoever writes a long letter has not gone.
  if (touched - kept < 15_000) return;
  kept = touched;
  fetch('/kiosk/stay').catch(() => {});
}

function seen() {
  touched = Date.now();
  if (dialog.open) dialog.close();
}
tabs.addEventListener('message', seen);

for (const sign of ['keydown', 'pointerdown', 'input', 'scroll'])
  document.addEventListener(sign, () => dialog.open || stay(), { passive: true, capture: true });
// Escape too: whoever presses it is there.
dialog.addEventListener('close', stay);

const watch = setInterval(() => {
  const quiet = Date.now() - touched;
  if (quiet >= quietFor) {
    clearInterval(watch);
    bar.submit();
  } else if (quiet >= quietFor - warnFor && !dialog.open) dialog.showModal();
}, 1_000);

// Whatever the browser has kept of a page is not shown again: the server is asked.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
