// What widgets cannot say by themselves: names and values for screen readers, the reference's tick,
// what belongs together, and figures to take away. It computes nothing and sends nothing.
(() => {
  if (window.hdhplanExplorer) return;
  window.hdhplanExplorer = true;
  const all = (where, what) => Array.from(where.querySelectorAll(what));
  const put = (el, name, text) => { if (el && el.getAttribute(name) !== text) el.setAttribute(name, text); };

  const slider = (row, note) => {
    const handle = row.querySelector('.noUi-handle'), base = row.querySelector('.noUi-base');
    if (!handle || !base) return;
    const at = Number(handle.getAttribute('aria-valuenow'));
    const lang = document.querySelector('.hx-en') ? 'en' : 'fr';
    put(handle, 'aria-label', note.dataset.name);
    put(handle, 'aria-valuetext', `${at.toLocaleString(lang)} ${note.dataset.unit}, ${note.dataset.said}`);
    const places = (note.dataset.at || '').split(' ').filter(Boolean);
    if (base.dataset.at !== note.dataset.at) {
      base.dataset.at = note.dataset.at;
      all(base, '.hx-tick').forEach(tick => tick.remove());
      places.forEach((place, i) => {
        const tick = document.createElement('i');
        tick.className = i ? 'hx-tick hx-stop' : 'hx-tick';
        tick.style.left = `${place}%`;
        base.appendChild(tick);
      });
    }
  };

  const dress = () => {
    all(document, '.hx').forEach(page => put(page, 'lang', page.classList.contains('hx-en') ? 'en' : 'fr'));
    all(document, '.hx-control').forEach(control => {
      const rows = all(control, '.hx-row'), notes = all(control, '.hx-ref');
      put(control, 'role', 'group');
      if (notes[0]) put(control, 'aria-label', notes[0].dataset.name);
      rows.forEach((row, i) => {
        const key = Array.from(row.classList).find(name => name.startsWith('hx-r-'));
        if (key) put(row, 'data-k', `lever:${key.slice(5)}`);
        const note = notes[i];
        if (!note) return;
        slider(row, note);
        put(row.querySelector('.hx-typed input'), 'aria-label', note.dataset.name);
        put(row.querySelector('select, input[type=date]'), 'aria-label', `${note.dataset.name}, ${note.dataset.said}`);
      });
    });
    all(document, '.hx button[title]').forEach(button => put(button, 'aria-label', button.title || button.textContent));
    all(document, '.hx .widget-toggle-button, .hx .jupyter-button.mod-toggle').forEach(button =>
      put(button, 'aria-pressed', String(button.classList.contains('mod-active'))));
    all(document, '.hx-live .widget-html-content').forEach(live => {
      put(live, 'role', 'status'); put(live, 'aria-live', 'polite'); put(live, 'aria-atomic', 'true');
    });
  };
  // A handle says its value at once; the rest may wait until the page is painted.
  let asked = 0;
  const soon = () => { if (!asked) asked = setTimeout(() => { asked = 0; dress(); }, 80); };
  new MutationObserver(changes => {
    changes.filter(change => change.attributeName === 'aria-valuetext').forEach(change => {
      const row = change.target.closest('.hx-row'), control = row && row.closest('.hx-control');
      const note = control && all(control, '.hx-ref')[all(control, '.hx-row').indexOf(row)];
      if (note) slider(row, note);
    });
    soon();
  }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['aria-valuetext', 'class'],
  });
  soon();

  // What has one key lights up together, under the mouse and under the keyboard.
  const light = event => {
    const near = event.target.closest && event.target.closest('.hx [data-k]');
    const key = near ? near.getAttribute('data-k') : '';
    all(document, '.hx .hx-lit').forEach(el => { if (el.getAttribute('data-k') !== key) el.classList.remove('hx-lit'); });
    if (key) all(document, '.hx [data-k]').forEach(el => { if (el.getAttribute('data-k') === key) el.classList.add('hx-lit'); });
  };
  document.addEventListener('mouseover', light);
  document.addEventListener('focusin', light);

  const hand = (text, type, name) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  // A cell that a spreadsheet would take for a formula is quoted as text.
  const cell = text => `"${(/^[=+@\t\r]|^-(?![\d])/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  document.addEventListener('click', event => {
    const button = event.target.closest && event.target.closest('.hx-down');
    if (!button) return;
    const figure = button.closest('figure'), title = figure.querySelector('figcaption').textContent;
    const name = title.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40).toLowerCase();
    if (button.dataset.as === 'csv') {
      const rows = all(figure, 'tr').map(row => all(row, 'th, td').map(one => cell(one.textContent)).join(';'));
      hand(`\ufeff${cell(title)}\n${rows.join('\n')}\n`, 'text/csv', `${name}.csv`);
    } else {
      const svg = figure.querySelector('svg').cloneNode(true);
      svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
      svg.setAttribute('font-family', 'Verdana, DejaVu Sans, Arial, sans-serif');
      hand(svg.outerHTML, 'image/svg+xml', `${name}.svg`);
    }
  });
})();
