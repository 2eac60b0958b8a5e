// Everything was cleared on a machine that is put up for everybody: no other tab goes on showing what it showed.
new BroadcastChannel('senid-kiosk').postMessage({ says: 'cleared', visit: '' });
