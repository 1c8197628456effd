// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IVToken, IVenusComptroller, IVenusOracle} from "../interfaces/external/IVenus.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {VenusReader} from "./VenusReader.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates accounts of one pool of Venus's isolated pools.
/// @notice A position is `abi.encode(address borrower, address vTokenCollateral, address vTokenBorrowed)`. Venus hands
/// out vTokens; the adapter redeems them in the same call, so what the market's cash cannot pay is not liquidated.
/// @dev Refused, with nothing to repay: accounts whose collateral is at most `minLiquidatableCollateral`. Venus
/// liquidates those whole and to the last unit of every debt (`liquidateAccount`), or writes them off (`healAccount`).
contract VenusAdapter is VenusReader {
    using SafeERC20 for IERC20;

    /// @dev A liquidation of a position, by its most; `byAccount` where its vTokens or the market's cash bound it.
    struct Terms {
        address borrower;
        Market seized;
        Market repaid;
        uint256 owed;
        bool byAccount;
        uint256 repay;
        uint256 seizable;
        uint256 health;
    }

    uint256 private constant POSITION_BYTES = 96;
    uint8 private constant REDEEM = 1;
    uint8 private constant REPAY = 3;
    uint8 private constant SEIZE = 4;
    uint8 private constant LIQUIDATE = 5;
    /// @dev Units of cash left alone: seizing rounds the exchange rate up by less.
    uint256 private constant CASH_MARGIN = 2;

    error NotListed(address vToken);
    error NothingToLiquidate();

    /// @param pool The Comptroller of the pool.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of accounts that cannot pay their debts.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    constructor(IVenusComptroller pool, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        ProtocolAdapter(address(pool), escrow, badDebtRecipient, maxPriceAge)
    {}

    /// @notice The liquidation that Venus would accept now, interest to this block included, and a little more debt for
    /// what accrues until the landing.
    /// @param position abi.encode(borrower, vTokenCollateral, vTokenBorrowed).
    /// @return collateral The underlying token of vTokenCollateral.
    /// @return debt The underlying token of vTokenBorrowed.
    /// @return repay Units of debt: by the close factor, and no more than collateral and cash pay for.
    /// @return seizable Units of collateral that `repay` buys, less Venus's share, as redeemed.
    /// @return health Weighted collateral / debts, WAD. Where Venus forces liquidations of a debt, at most 1e18 - 1.
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Terms memory terms = _terms(position, true);
        (repay, seizable) = _ahead(terms.repay, terms.seizable, terms.byAccount, terms.owed);
        return (terms.seized.vToken.underlying(), terms.repaid.vToken.underlying(), repay, seizable, terms.health);
    }

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        view
        override
        onlyEscrow
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Terms memory terms = _terms(position, true);
        collateral = terms.seized.vToken.underlying();
        debt = terms.repaid.vToken.underlying();
        return (collateral, debt, terms.repay, terms.seizable, terms.health);
    }

    /// @inheritdoc ILiquidationAdapter
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        (address borrower, IVToken vToken, IVToken borrowed) = _decode(position);
        if (amount == 0) return;
        IERC20 token = IERC20(vToken.underlying());
        if (_cannotPay(borrower, vToken, borrowed)) {
            token.safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else if (!_supply(vToken, token, borrower, amount)) {
            token.safeTransfer(borrower, amount);
        }
    }

    function _tokens(bytes calldata position) internal view override returns (IERC20 collateral, IERC20 debt) {
        (, IVToken seized, IVToken repaid) = _decode(position);
        return (IERC20(seized.underlying()), IERC20(repaid.underlying()));
    }

    /// @dev The market of the debt, which the pool lists: any other contract named here could keep what it pulls.
    function _spender(bytes calldata position) internal view override returns (address) {
        (,, IVToken repaid) = _decode(position);
        if (!_isListed(repaid)) revert NotListed(address(repaid));
        return address(repaid);
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        (address borrower, IVToken vToken, IVToken borrowed) = _decode(position);
        if (!_isListed(vToken)) revert NotListed(address(vToken));
        _pool().updatePrices(borrower);
        vToken.accrueInterest();
        borrowed.accrueInterest();
        uint256 amount = Math.min(repay, _terms(position, false).repay);
        if (amount == 0) revert NothingToLiquidate();
        uint256 before = vToken.balanceOf(address(this));
        borrowed.liquidateBorrow(borrower, amount, vToken);
        vToken.redeem(vToken.balanceOf(address(this)) - before);
        Account memory left = _account(borrower, _accrued(vToken), _accrued(borrowed), false);
        if (_isInsolvent(left)) _noteBadDebt(_keyOf(borrower));
    }

    function _terms(bytes calldata position, bool fresh) private view returns (Terms memory terms) {
        IVToken vToken;
        IVToken borrowed;
        (terms.borrower, vToken, borrowed) = _decode(position);
        if (!_isListed(vToken)) revert NotListed(address(vToken));
        if (!_isListed(borrowed)) revert NotListed(address(borrowed));
        if (vToken.underlying() == borrowed.underlying()) revert SameAsset(vToken.underlying());
        (terms.seized, terms.repaid) = (_accrued(vToken), _accrued(borrowed));
        Account memory account = _account(terms.borrower, terms.seized, terms.repaid, fresh);
        terms.health = account.borrows == 0 ? type(uint256).max : Math.mulDiv(account.weighted, WAD, account.borrows);
        terms.owed = _debtOf(terms.borrower, terms.repaid);
        if (terms.owed == 0 || !_mayRun(terms)) return terms;
        if (_pool().isForcedLiquidationEnabled(address(borrowed))) {
            terms.health = Math.min(terms.health, WAD - 1);
            _limit(terms, terms.owed);
        } else if (account.weighted < account.borrows && account.collateral > _pool().minLiquidatableCollateral()) {
            _limit(terms, _pool().closeFactorMantissa() * terms.owed / WAD);
        }
    }

    /// @dev Whether no pause stops the repayment, the seizure or the redemption.
    function _mayRun(Terms memory terms) private view returns (bool) {
        IVenusComptroller pool = _pool();
        (address seized, address repaid) = (address(terms.seized.vToken), address(terms.repaid.vToken));
        return pool.checkMembership(terms.borrower, seized) && !pool.actionPaused(repaid, LIQUIDATE)
            && !pool.actionPaused(repaid, REPAY) && !pool.actionPaused(seized, SEIZE)
            && !pool.actionPaused(seized, REDEEM);
    }

    /// @dev Sets what may be repaid of `most`, by the account's vTokens and the market's cash, and what that seizes, as
    /// `liquidateCalculateSeizeTokens`, `_seize` and `redeem` count one after the other.
    function _limit(Terms memory terms, uint256 most) private view {
        Market memory market = terms.seized;
        uint256 incentive = _pool().liquidationIncentiveMantissa();
        IVenusOracle oracle = IVenusOracle(_pool().oracle());
        uint256 ratio = incentive * _price(oracle, terms.repaid.vToken) / WAD * WAD
            / (_price(oracle, market.vToken) * market.exchangeRate / WAD);
        if (ratio == 0 || market.cash < market.reserves + CASH_MARGIN) return;
        uint256 vTokens = Math.min(
            market.vToken.balanceOf(terms.borrower),
            (market.cash - market.reserves - CASH_MARGIN) * WAD / market.exchangeRate
        );
        uint256 repay = Math.min(most, ((vTokens + 1) * WAD - 1) / ratio);
        uint256 seized = ratio * repay / WAD;
        uint256 share = seized * market.vToken.protocolSeizeShareMantissa() / WAD * WAD / incentive;
        if (seized == 0 || share == market.supply) return;
        uint256 rate = _exchangeRate(market, share, market.exchangeRate * share / WAD);
        uint256 redeemed = rate * (seized - share) / WAD;
        terms.byAccount = repay < most;
        if (redeemed != 0) (terms.repay, terms.seizable) = (repay, redeemed);
    }

    /// @dev Supplies on the borrower's behalf; false where the market takes nothing, or counts the amount as nothing.
    function _supply(IVToken vToken, IERC20 token, address borrower, uint256 amount) private returns (bool) {
        if (!_isListed(vToken) || amount * WAD < _accrued(vToken).exchangeRate) return false;
        token.forceApprove(address(vToken), amount);
        try vToken.mintBehalf(borrower, amount) {
            return true;
        } catch {
            token.forceApprove(address(vToken), 0);
            return false;
        }
    }

    /// @dev Whether only `healAccount` is left for the account, or has been used since a liquidation here.
    function _cannotPay(address borrower, IVToken vToken, IVToken borrowed) private view returns (bool) {
        Account memory account = _account(borrower, _accrued(vToken), _accrued(borrowed), false);
        if (account.collateral > _pool().minLiquidatableCollateral()) return false;
        return account.borrows == 0 ? _hasLeftBadDebt(_keyOf(borrower)) : _isInsolvent(account);
    }

    function _isInsolvent(Account memory account) private view returns (bool) {
        return
            account.borrows != 0 && _pool().liquidationIncentiveMantissa() * account.borrows / WAD >= account.collateral;
    }

    function _keyOf(address borrower) private pure returns (bytes32) {
        return bytes32(uint256(uint160(borrower)));
    }

    function _decode(bytes calldata position) private pure returns (address borrower, IVToken seized, IVToken repaid) {
        if (position.length != POSITION_BYTES) revert NonCanonicalPosition();
        borrower = _addressAt(position, 0);
        (seized, repaid) = (IVToken(_addressAt(position, 1)), IVToken(_addressAt(position, 2)));
    }
}
