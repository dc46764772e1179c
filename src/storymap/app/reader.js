/* In the Streamlit page, around the frame of the story: the address follows the story, and the story outlives the
   server. The step goes into the fragment, which Streamlit does not send: a new session then asks for the same frame
   address, and the frame is not loaded again under a reader. */
(() => {
  'use strict';
  if (window.storymapReader) return;
  window.storymapReader = true;

  const STEP = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
  const isStep = (id) => typeof id === 'string' && id.length <= 64 && STEP.test(id);
  const storyFrame = () => document.querySelector('iframe[data-testid="stIFrame"]');
  let led = null;

  function lead() {
    const step = window.location.hash.slice(1);
    if (isStep(step)) storyFrame()?.contentWindow.location.replace(`${storyFrame().src}#${step}`);
  }

  function follow(event) {
    const { type, step, index } = event.data ?? {};
    if (type !== 'storymap:step' || !isStep(step) || event.source !== storyFrame()?.contentWindow) return;
    if (index === 0 && !window.location.hash) return;
    window.history.replaceState(window.history.state, '', `#${step}`);
  }

  function watch() {
    if (storyFrame() && storyFrame() !== led) {
      led = storyFrame();
      led.addEventListener('load', () => {
        document.querySelector('.storymap-wait')?.setAttribute('hidden', '');
        // The keys are the story's, unless the reader has already gone elsewhere.
        if (document.activeElement === document.body || document.activeElement === null) led?.contentWindow.focus();
      });
      // Otherwise the first Tab would stop at the whole page, behind the story, where nothing shows it.
      document.getElementById('stMain')?.setAttribute('tabindex', '-1');
      lead();
    }
    // Streamlit switches the page off behind its notice that the server is away. The story does not need the server.
    const root = document.getElementById('root');
    if (root?.inert && storyFrame()) root.inert = false;
  }

  window.addEventListener('message', follow);
  window.addEventListener('hashchange', lead);
  new MutationObserver(watch).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['inert'],
  });
  watch();
})();
