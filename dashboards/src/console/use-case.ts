import { useQuery } from '@tanstack/react-query';
import { API_PATHS, type CaseDetail, pathOf } from '../../../api/contract.ts';
import { get, withQuery } from '../shared/api.ts';

/** `asOf`: as it was believed at that instant; '' for now. */
export function useCase(caseKey: string | null, asOf = '') {
  return useQuery({
    queryKey: ['case', caseKey, asOf],
    queryFn: () =>
      get<CaseDetail>(withQuery(pathOf(API_PATHS.case, { caseKey: caseKey ?? '' }), { asOf })),
    enabled: caseKey !== null,
  });
}
