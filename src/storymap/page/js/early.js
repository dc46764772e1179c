// Before the first paint: can the map live here, is this an article's frame, and which colours does its address ask for?
((root, asked) => {
  // Each language of a built site has a page of its own, which no server chooses. The app's links name a `lang`: it does.
  const other = [...document.querySelectorAll('.languages a')].find((link) => link.hreflang === asked.get('lang'));
  if (other && !/[?&]lang=/.test(other.search)) {
    asked.delete('lang');
    other.search = asked;
    other.hash = location.hash;
    location.replace(other.href);
  }
  const can = self.IntersectionObserver && self.ResizeObserver && self.Path2D && self.DOMMatrix && Element.prototype.animate;
  if (!can || !self.CSS || !CSS.supports('inset:0')) return;
  root.classList.add('live');
  // Before the first picture is asked for.
  if (navigator.connection?.saveData || matchMedia('(prefers-reduced-data: reduce)').matches) root.classList.add('saving');
  // The app's own page, and whoever asks for it, lets the frame scroll as a page does.
  if (self.parent !== self && asked.get('shell') !== 'app' && asked.get('layout') !== 'page') root.classList.add('embedded');
  const theme = asked.get('theme');
  if (theme !== 'light' && theme !== 'dark') return;
  root.style.colorScheme = theme;
  for (const { cssRules } of document.styleSheets) {
    for (const { media } of cssRules) {
      if (media) media.mediaText = media.mediaText.replace(/\(prefers-color-scheme: *(\w+)\)/, (all, name) => (name === theme ? '(min-width: 0)' : '(max-width: 0)'));
    }
  }
})(document.documentElement, new URLSearchParams(location.search));
