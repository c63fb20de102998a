import createDOMPurify from 'dompurify';

/** Turns HTML into nodes that can do nothing. */
export type Sanitize = (html: string) => DocumentFragment;

/**
 * The sanitiser: an allow-list of what our Markdown renderer makes. Nothing else passes, whatever the renderer lets
 * through: no script, no style, no class, no id, no address that the browser would load or follow by itself.
 * @param view the window whose DOM is used
 */
export function createSanitizer(view: Window & typeof globalThis): Sanitize {
  const purify = createDOMPurify(view);
  return (html) =>
    purify.sanitize(html, {
      ALLOWED_TAGS: [
        ...['p', 'br', 'hr', 'strong', 'em', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', '#text'],
        ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
      ],
      ALLOWED_ATTR: ['start', 'title', 'role', 'tabindex', 'data-href', 'data-file', 'data-lang', 'data-align'],
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      RETURN_DOM_FRAGMENT: true,
    });
}
