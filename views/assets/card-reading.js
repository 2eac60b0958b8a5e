// Watches a card being read, and goes on by itself. Without this module the person presses the button.
const form = document.getElementById('card-form');
const line = document.getElementById('card-state');
const time = document.getElementById('card-time');
const end = Date.now() + Number(form.dataset.seconds) * 1000;
let done = false;

const goOn = () => {
  if (done) return;
  done = true;
  form.submit();
};

const say = (state) => {
  const words = line.dataset[state];
  // Only what is new is spoken by a screen reader.
  if (words && line.textContent !== words) line.textContent = words;
};

const tick = () => {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  time.hidden = false;
  time.textContent = time.dataset.one.replace('§', left);
};

const ask = async () => {
  tick();
  try {
    const answer = await fetch(form.dataset.state, { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (answer.ok) {
      const { state } = await answer.json();
      say(state);
      if (state === 'over') return goOn();
    } else if (answer.status < 500 && answer.status !== 429) return goOn();
  } catch {
    // The network was away for a moment; the next question comes soon.
  }
  if (Date.now() > end + 2000) return goOn();
  setTimeout(ask, 1000);
};

window.addEventListener('pageshow', (event) => {
  // Back from the browser's cache: the reading is old, so the page is asked for anew.
  if (event.persisted) location.reload();
});
setTimeout(ask, 700);
