// Links to the story in its other languages lead to the step that is read, and keep what else the address asks for.

(() => {
  const links = [...document.querySelectorAll('.languages a')];
  const menu = document.querySelector('.language-menu');
  if (!links.length) return;
  const homes = links.map((link) => link.getAttribute('href'));

  function aim({ step, index }) {
    links.forEach((link, i) => {
      try {
        const url = new URL(homes[i], document.baseURI);
        for (const [key, value] of new URLSearchParams(window.location.search)) {
          if (key !== 'lang' && key !== 'step' && !url.searchParams.has(key)) url.searchParams.append(key, value);
        }
        // The start needs no step: the other language opens with its title.
        if (index > 0 || window.location.hash) url.hash = step;
        link.href = url.href;
      } catch {
        // A document without an address of its own keeps the links that it came with.
      }
    });
  }

  document.addEventListener('storymap:step', (event) => aim(event.detail));
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector('summary').focus();
  }, true);
})();
