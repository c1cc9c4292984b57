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

  /* What did not change stays as it is, so that it can be selected and copied. */
  function take(page) {
    for (const mine of document.querySelectorAll('[data-live]')) {
      const theirs = page.getElementById(mine.id);
      if (theirs && mine.innerHTML !== theirs.innerHTML) {
        mine.innerHTML = theirs.innerHTML;
      }
    }
  }

  async function look() {
    try {
      const answer = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
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
