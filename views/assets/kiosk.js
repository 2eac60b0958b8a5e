// On a machine that is put up for everybody: asks whether somebody is still there, and has everything cleared if nobody is.

const bar = document.getElementById('kiosk-clear');
const dialog = document.getElementById('kiosk-dialog');
const quietFor = Number(bar.dataset.quiet) * 1000;
const warnFor = Number(bar.dataset.warn) * 1000;
// The server counts from its answer, and so does this page: it may have taken long to come.
const arrived = performance.getEntriesByType('navigation')[0]?.responseStart ?? performance.now();
let touched = Date.now() - (performance.now() - arrived);
let kept = touched;
let later;
// What this page belongs to; one that was asked for before anything began belongs to what begins next.
let visit = bar.dataset.visit;

const tabs = new BroadcastChannel('senid-kiosk');
const tell = (says) => tabs.postMessage({ says, visit });
const HEARD = {
  // A page has just come: what this tab shows of another visit than that page's is over.
  opened: (theirs) => theirs !== '' && theirs !== visit && leave(),
  // Whoever works in another tab is here: a tab that they have forgotten clears nothing under their hands. The next person is not.
  here: (theirs) => theirs === visit && seen(),
  clearing() {
    blank();
    setTimeout(leave, 3_000);
  },
  cleared: leave,
};
tabs.addEventListener('message', ({ data }) => {
  visit ||= data.visit;
  HEARD[data.says](data.visit);
});
tell('opened');

function stay() {
  seen();
  tell('here');
  // The server counts too: whoever writes a long letter has not gone. It hears of it four times a minute, the last sign included.
  const wait = kept + 15_000 - Date.now();
  if (wait <= 0) void keep();
  else later ??= setTimeout(keep, wait);
}

/** From here on both count anew. */
async function keep() {
  clearTimeout(later);
  later = undefined;
  kept = touched = Date.now();
  tell('here');
  const answer = await fetch(`/kiosk/stay?visit=${visit}`).catch(() => undefined);
  // What stands here belongs to a visit that is over.
  if (answer?.status === 410) leave();
}

function seen() {
  touched = Date.now();
  if (dialog.open) dialog.close('seen');
}

function ask() {
  dialog.returnValue = '';
  dialog.showModal();
}

/** Nothing of anybody stands here any more, whatever the network does. */
function blank() {
  document.body.replaceChildren();
}

/** The server says what has become of the visit: it clears what nobody uses, and nothing else. */
function leave() {
  clearInterval(watch);
  blank();
  location.replace(bar.dataset.cleared);
}

for (const sign of ['keydown', 'pointerdown', 'input', 'scroll'])
  document.addEventListener(sign, () => dialog.open || stay(), { passive: true, capture: true });
// The answer counts when it is given, and not when the dialog has gone: the clock below could ask anew in between. Escape is one too.
dialog.addEventListener('submit', stay);
dialog.addEventListener('keydown', ({ key }) => key === 'Escape' && stay());
dialog.addEventListener('close', () => dialog.returnValue === 'seen' || stay());
bar.addEventListener('submit', () => tell('clearing'));

const watch = setInterval(() => {
  const quiet = Date.now() - touched;
  if (quiet >= quietFor) leave();
  else if (quiet >= quietFor - warnFor && dialog.isConnected && !dialog.open) ask();
}, 1_000);

// Whatever the browser keeps of a page to go back to is empty, and is not shown again: the server is asked.
window.addEventListener('pagehide', (event) => event.persisted && blank());
window.addEventListener('pageshow', (event) => event.persisted && location.reload());
