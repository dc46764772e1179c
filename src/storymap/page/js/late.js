// Leaflet's style sheet comes with its script: the first picture needs neither, and is seen sooner without them.

{
  const sheet = document.createElement('style');
  sheet.textContent = document.getElementById('leaflet-css').textContent;
  // Before the page's own, whose rules go over Leaflet's.
  document.head.querySelector('style').before(sheet);
}
