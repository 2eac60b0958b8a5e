for (const button of document.querySelectorAll('button[data-copies]')) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
    const label = [...button.childNodes];
    button.replaceChildren(button.dataset.copied);
    setTimeout(() => button.replaceChildren(...label), 2_000);
  });
}
