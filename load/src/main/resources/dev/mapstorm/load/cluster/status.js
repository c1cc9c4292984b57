'use strict';
(() => {
  const everyMs = 2000;
  const patienceMs = 10000;
  const age = document.getElementById('age');
  const now = () => new Date().toLocaleTimeString([], { hour12: false });
  let answered = now();

  function tell(text, silent) {
    age.textContent = text;
    age.className = silent ? 'wrong' : 'dim';
    document.body.classList.toggle('stale', silent);
  }

  /* Goes down to what has changed: all else stays as it is, selected, or scrolled to where it is. */
  function take(mine, theirs) {
    if (mine.isEqualNode(theirs)) {
      return;
    }
    const parts = Array.from(mine.childNodes);
    const theirParts = Array.from(theirs.childNodes);
    const alike = mine.cloneNode(false).isEqualNode(theirs.cloneNode(false));
    if (alike && parts.length === theirParts.length) {
      parts.forEach((part, i) => take(part, theirParts[i]));
    } else {
      mine.replaceWith(theirs);
    }
  }

  async function look() {
    try {
      const answer = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const mine of document.querySelectorAll('[data-live]')) {
        take(mine, page.getElementById(mine.id));
      }
      answered = now();
      tell(`as of ${answered}`, false);
    } catch (failure) {
      tell(`no answer since ${answered}`, true);
    }
    setTimeout(look, everyMs);
  }

  tell(`as of ${answered}`, false);
  setTimeout(look, everyMs);
})();
