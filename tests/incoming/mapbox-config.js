// A configuration in the form of the storytelling template.
const credit = 'The map desk';
var config = {
    style: 'mapbox://styles/example/abc',
    accessToken: 'pk.example',
    showMarkers: true,
    markerColor: 'rgb(200, 30, 30)',
    theme: 'dark',
    use3dTerrain: true,
    title: 'The lake that left',
    subtitle: `A shore in
        three stops`,
    byline: 'By ' + credit,
    footer: 'Sources: <a href="https://example.org/lake">a survey</a>.',
    chapters: [
        {
            id: 'the-port',
            alignment: 'left',
            title: 'The port',
            image: './images/port.png',
            description: 'Ships lay here until <strong>1984</strong>. It\'s 30 km to the water now.\
 The cranes stand.',
            location: { center: [61.66, 46.79], zoom: 8.5, pitch: 60.00, bearing: -43.2 },
            mapAnimation: 'flyTo',
            rotateAnimation: true,
            callback: 'showLegend',
            onChapterEnter: [
                { layer: 'shore-1960', opacity: 1, duration: 5000 },
                // { layer: 'shore-1990', opacity: 0 },
            ],
            onChapterExit: [{ layer: 'shore-1960', opacity: 0 }]
        },
        /* {
            id: 'left-out',
            title: 'Not to be read',
            location: { center: [0, 0], zoom: 1 }
        }, */
        {
            id: 'the-port',
            hidden: true,
            title: 'The shore \u2014 today',
            description: '<p>See <img src="https://example.org/shore.jpg" alt="A shore"> and <iframe src="https://example.org/film.mp4"></iframe></p>',
            location: { center: [60.1, +45.4], zoom: 6 },
            mapAnimation: 'jumpTo',
            onChapterEnter: [],
            onChapterExit: []
        },
        {
            id: 'all',
            content: '<h3>All of it</h3><p>An older form.</p>',
            bbox: [[58.0, 46.9], [62.0, 43.5]],
            zoomed: Math.max(1, 2),
        },
    ],
};
