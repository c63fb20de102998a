/** The language of a fence: the first word of its info string if it can be a language's name, else nothing. */
export function languageOf(info: string): string {
  return /^\s*([\w+#.-]{1,30})/u.exec(info)?.[1]?.toLowerCase() ?? '';
}
