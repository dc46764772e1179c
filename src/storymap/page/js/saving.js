// For readers who save data: a picture waits until it is asked for, with its size said. It is lazy, and what does not show
// is not loaded (story.css); the map and the charts are in the document and cost nothing more.

function askForPictures(words, number) {
  if (!document.documentElement.classList.contains('saving')) return;
  for (const video of document.querySelectorAll('.media video')) video.preload = 'none';
  for (const picture of document.querySelectorAll('.media img[data-bytes]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words.show_picture.replace('{kb}', number.format(Math.ceil(picture.dataset.bytes / 1000)));
    const alt = document.createElement('p');
    alt.textContent = picture.alt;
    button.addEventListener('click', () => {
      picture.classList.add('asked');
      // Focus stays at this place of the story.
      picture.tabIndex = -1;
      picture.focus({ preventScroll: true });
      alt.remove();
      button.remove();
    });
    picture.before(alt, button);
  }
}
