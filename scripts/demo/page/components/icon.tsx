const PATHS = {
  plane:
    'M21 15.5 13.5 11V5.2a1.5 1.5 0 0 0-3 0V11L3 15.5v1.8l7.5-2.3v4.2L8.4 21v1.2L12 21.2l3.6 1V21l-2.1-1.8V15l7.5 2.3z',
  signal: 'M4 18h2.6v3H4zm4.9-4h2.6v7H8.900zm4.900-4.500h2.600v11.500h-2.600zm4.900-5h2.600v16.500h-2.600z',
  deals: 'M4 5h4.500v14H4zm5.800 0h4.500v9H9.800zm5.700 0H20v11.500h-4.500z',
  leads:
    'M12 12.200a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 1.800c-4.200 0-7.500 2.200-7.500 5v1h15v-1c0-2.800-3.300-5-7.500-5z',
  inbox: 'M4.800 5h14.400L21 14v5H3v-5zm1.600 2-1.300 6.500H9a3 3 0 0 0 6 0h3.900L17.600 7z',
  plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
  close:
    'm6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z',
  check: 'm9.500 17.200-5-5 1.600-1.600 3.400 3.400 8.400-8.400 1.600 1.600z',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a word; by itself it says nothing to a screen reader. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
