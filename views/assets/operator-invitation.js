// The code of an invitation stands behind the hash of its address, where no server and no log sees it.
const field = document.getElementById('code');
const code = decodeURIComponent(window.location.hash.slice(1));
if (code) {
  field.value = code;
  // It does not stay in the history either.
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  document.getElementById('identityNumber').focus();
}
