/** The console's look in antd's terms; the same values as theme/tokens.css. */
import type { ThemeConfig } from 'antd';

export const theme: ThemeConfig = {
  token: {
    colorPrimary: '#1a5795',
    colorLink: '#1a5795',
    colorInfo: '#1a5795',
    colorError: '#b3122a',
    colorWarning: '#735700',
    // Nothing here is green: a thing that went well is said in words on calm blue.
    colorSuccess: '#1a5795',
    colorText: '#17222e',
    colorTextSecondary: '#45566a',
    colorTextTertiary: '#5a6b7d',
    colorTextPlaceholder: '#66778a',
    colorBorder: '#c5ced8',
    colorBorderSecondary: '#dfe5ec',
    colorBgLayout: '#f3f5f8',
    borderRadius: 3,
    fontFamily: 'var(--font)',
    fontSize: 14,
    controlHeight: 34,
    wireframe: false,
  },
  components: {
    Table: {
      headerBg: '#f8fafc',
      headerColor: '#45566a',
      headerSplitColor: 'transparent',
      rowHoverBg: '#f4f8fc',
      cellPaddingBlock: 8,
      cellPaddingInline: 12,
    },
    Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
  },
};
